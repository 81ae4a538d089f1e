//! A phone that the server does not know any longer enrols again.

use sotay_core::sync::device;
use sotay_protocol::{enrol::EnrolRequest, signature::SigningKey};

use super::{Device, World};

impl World {
    /// The person types a new code into the same phone.
    ///
    /// # Panics
    /// Where the enrolment fails.
    #[expect(clippy::expect_used, reason = "a test without its people has to stop")]
    pub fn enrol_again(&self, device: &mut Device) {
        let person = self.commune.person(device.person);
        let code = self.server.issue_code(person.id).expect("a code");
        let key = SigningKey::generate(&*self.env);
        let request = EnrolRequest::new(&code, person.birth, "Máy", &key).expect("a code that is one");
        let answer = self.server.enrol(&request).expect("the enrolment goes through");
        device
            .store()
            .write(|store| device::enrolled(store, "http://xa.example", &answer, &key))
            .expect("the store works");
        device.id = answer.device;
    }
}

//! Whom a publication would reach.

use sotay_protocol::{id::Id, members::Office, organisations::Tree};

use super::Issuer;
use crate::{error::ServerError, server::Server};

impl Server {
    /// Whether somebody holds `office` in or below the issuer: what is published for nobody would be read by nobody.
    ///
    /// # Errors
    /// As [`Server::publish`], of the issuer; or the store's.
    pub fn somebody_holds(&self, office: Office, issuer: &Issuer) -> Result<bool, ServerError> {
        let issuer = self.issuer(issuer)?.id;
        let (all, now) = (self.organisations()?, self.env.now());
        let tree = Tree::new(all.iter().map(|stored| (stored.id, stored.organisation.parent)));
        let is_below = |organisation: Id| tree.upward(organisation).any(|above| above == issuer);
        Ok(self.store.read_with(|reader| {
            for organisation in &all {
                for (member, _) in reader.members_of(organisation.id)? {
                    let mut roles = reader.roles(member)?.into_iter();
                    let holds = |until: Option<_>| until.is_none_or(|until| until > now);
                    if roles
                        .any(|role| role.office == office && holds(role.until) && is_below(role.organisation))
                    {
                        return Ok(true);
                    }
                }
            }
            Ok(false)
        })?)
    }
}

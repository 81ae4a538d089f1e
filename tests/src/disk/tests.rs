//! What the disk keeps and what it loses, shown by databases on it.

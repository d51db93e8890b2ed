//! People: profiles, passwords, sessions, invitations, roles (REQUIREMENTS.md SC-2, CG-4, CG-5, IT-14).

mod devices;
mod invitations;
mod passwords;
mod profiles;
mod retention;
mod roles;
mod sessions;

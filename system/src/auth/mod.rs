//! Who is calling: passwords, signed tokens, sessions.

mod password;
mod token;

pub use password::PasswordHasher;
pub use token::{AccessClaims, RefreshClaims, TokenSigner};

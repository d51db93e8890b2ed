//! The configuration: one typed value with defaults that work. Every interval, size and limit of the server is here.

mod auth;
mod check;
mod feed;
mod files;
mod network;
mod operation;
mod presence;
mod secret;
mod store;
mod whole;

pub use auth::{AuthConfig, PasswordConfig};
pub use check::ConfigError;
pub use feed::FeedConfig;
pub use files::{QuotaConfig, UploadConfig};
pub use network::{HttpConfig, ResumeConfig, WebSocketConfig};
pub use operation::{LogConfig, LogFormat, MetricsConfig, OperatorConfig, RetentionConfig, ShutdownConfig};
pub use presence::PresenceConfig;
pub use secret::Secret;
pub use store::StoreConfig;
pub use whole::Config;

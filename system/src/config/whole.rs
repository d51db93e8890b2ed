//! All settings together.

use serde::{Deserialize, Serialize};

use super::{
    AuthConfig, FeedConfig, HttpConfig, LogConfig, MetricsConfig, OperatorConfig, PasswordConfig, PresenceConfig,
    QuotaConfig, ResumeConfig, RetentionConfig, ShutdownConfig, StoreConfig, UploadConfig, WebSocketConfig,
};
use crate::limits::LimitSettings;

/// Everything that can be set. Times are in milliseconds and sizes in bytes, as the names say.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The address to listen on.
    pub listen: String,
    /// Where the data is kept.
    pub data_directory: String,
    /// The store.
    pub store: StoreConfig,
    /// Tokens.
    pub auth: AuthConfig,
    /// The costs of hashing passwords.
    pub password: PasswordConfig,
    /// REST.
    pub http: HttpConfig,
    /// WebSocket.
    pub websocket: WebSocketConfig,
    /// How far back a client can resume.
    pub resume: ResumeConfig,
    /// How much one may ask for.
    pub limits: LimitSettings,
    /// Uploads of files.
    pub uploads: UploadConfig,
    /// How many bytes of files may be kept.
    pub quota: QuotaConfig,
    /// Presence.
    pub presence: PresenceConfig,
    /// The live conversation feed.
    pub feed: FeedConfig,
    /// How long what is over is kept.
    pub retention: RetentionConfig,
    /// Shutting down.
    pub shutdown: ShutdownConfig,
    /// Who operates the server itself.
    pub operator: OperatorConfig,
    /// Who reads the metrics.
    pub metrics: MetricsConfig,
    /// What is logged on standard error, and how.
    pub log: LogConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:7440".into(),
            data_directory: "stormglass-data".into(),
            store: StoreConfig::default(),
            auth: AuthConfig::default(),
            password: PasswordConfig::default(),
            http: HttpConfig::default(),
            websocket: WebSocketConfig::default(),
            resume: ResumeConfig::default(),
            limits: LimitSettings::default(),
            uploads: UploadConfig::default(),
            quota: QuotaConfig::default(),
            presence: PresenceConfig::default(),
            feed: FeedConfig::default(),
            retention: RetentionConfig::default(),
            shutdown: ShutdownConfig::default(),
            operator: OperatorConfig::default(),
            metrics: MetricsConfig::default(),
            log: LogConfig::default(),
        }
    }
}

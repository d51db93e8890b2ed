//! Where settings come from: defaults, a TOML file, the environment, flags; the later wins.

use std::path::PathBuf;

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use system::Config;
use system::config::ConfigError;

use super::flags::Flags;

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("the configuration file {0} does not exist or cannot be read: check --config")]
    NoFile(PathBuf),
    #[error("a setting is wrong: {0}")]
    Wrong(String),
    #[error("a setting cannot work: {0}")]
    Unworkable(#[from] ConfigError),
}

/// All settings, checked.
pub(crate) fn load(flags: &Flags) -> Result<Config, SettingsError> {
    let mut figment = Figment::from(Serialized::defaults(Config::default()));
    if let Some(path) = &flags.config {
        if !path.is_file() {
            return Err(SettingsError::NoFile(path.clone()));
        }
        figment = figment.merge(Toml::file_exact(path));
    }
    figment = figment.merge(Env::prefixed("STORMGLASS_").split("__"));
    if let Some(listen) = &flags.listen {
        figment = figment.merge(Serialized::default("listen", listen));
    }
    if let Some(data_directory) = &flags.data_directory {
        figment = figment.merge(Serialized::default("data_directory", data_directory));
    }
    let config: Config = figment.extract().map_err(|error| SettingsError::Wrong(error.to_string()))?;
    config.check()?;
    Ok(config)
}

/// The settings as the file that would set them.
pub(crate) fn to_toml(config: &Config) -> String {
    toml::to_string(config).expect("the settings are tables of numbers, strings and lists")
}

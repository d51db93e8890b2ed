//! Where settings come from: defaults, a TOML file, the environment, flags; the later wins.

use std::fs;
use std::path::PathBuf;

use crate::Config;
use crate::config::{ConfigError, LogFormat, Secret};
use figment::error::Kind;
use figment::providers::{Env, Format, Serialized, Toml};
use figment::{Figment, Source};

use super::flags::Flags;

/// What the environment variables begin with.
const ENVIRONMENT_PREFIX: &str = "STORMGLASS_";

/// Why the settings cannot be used. Always one line.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("the configuration file {0} is no file that can be read: check --config")]
    NoFile(PathBuf),
    #[error("the file of operator.token_file, {0}, cannot be read: {1}")]
    NoToken(PathBuf, std::io::ErrorKind),
    #[error("a setting is wrong: {0}; --print-config shows how all of them are written")]
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
    figment = figment.merge(Env::prefixed(ENVIRONMENT_PREFIX).split("__"));
    if let Some(listen) = &flags.listen {
        figment = figment.merge(Serialized::default("listen", listen));
    }
    if let Some(data_directory) = &flags.data_directory {
        figment = figment.merge(Serialized::default("data_directory", data_directory));
    }
    if flags.log_json {
        figment = figment.merge(Serialized::default("log.format", LogFormat::Json));
    }
    let mut config: Config = figment.extract().map_err(|error| SettingsError::Wrong(describe(&error)))?;
    if !config.operator.token_file.is_empty() {
        let path = PathBuf::from(&config.operator.token_file);
        let text = fs::read_to_string(&path).map_err(|error| SettingsError::NoToken(path, error.kind()))?;
        config.operator.token = Secret::new(text.trim());
    }
    config.check()?;
    Ok(config)
}

/// The settings as the file that would set them.
pub(crate) fn to_toml(config: &Config) -> String {
    toml::to_string(config).expect("the settings are tables of numbers, strings and lists")
}

/// Which setting, where it was set, and what is wrong with it, in one line.
fn describe(error: &figment::Error) -> String {
    let file = error.metadata.as_ref().and_then(|metadata| metadata.source.as_ref()).and_then(Source::file_path);
    let place = match file {
        Some(file) if error.path.is_empty() => format!("the file {}", file.display()),
        Some(file) => format!("`{}` in {}", error.path.join("."), file.display()),
        None => format!("{ENVIRONMENT_PREFIX}{}", error.path.join("__").to_uppercase()),
    };
    let what = match &error.kind {
        Kind::UnknownField(_, expected) => format!("is no setting: expected {}", expected.join(", ")),
        // A parser draws the line that it stumbled over below its message.
        other => {
            let text = other.to_string();
            let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.contains('|'));
            format!("is not understood: {}", lines.collect::<Vec<_>>().join(": "))
        }
    };
    format!("{place} {what}")
}

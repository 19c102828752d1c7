//! From a checked configuration to a service that can be started.

use super::service::Setup;
use super::workers::Models;
use crate::config::{Config, Provider as ProviderChoice};
use crate::models::{Cache, Manifest, resolve};
use crate::prompt::Prompt;
use crate::speech::WhisperOptions;
use crate::texting::{LogSender, Provider, Twilio, TwilioAccount, Webhook};
use anyhow::{Context as _, anyhow};

/// Reads the prompt file, finds the models, and makes the text sender; `texting` replaces the configured one.
///
/// # Errors
/// Every fault of the prompt file, every model that is missing, or what is wrong with the text sender.
pub fn assemble(config: Config, texting: Option<Provider>) -> anyhow::Result<Setup> {
    let file = config.prompt.display().to_string();
    let text = std::fs::read_to_string(&config.prompt).with_context(|| {
        format!("the prompt file {file} can't be read: name another with `prompt` in backstop.toml")
    })?;
    let prompt = Prompt::parse(&file, &text).map_err(|faults| anyhow!(lines(&faults)))?;
    let paths =
        resolve(&config.models, &Manifest::bundled(), &Cache::locate()?).map_err(|faults| anyhow!(lines(&faults)))?;
    let hearing = WhisperOptions {
        threads: config.models.threads,
        region: prompt.business().region.clone(),
        ..WhisperOptions::default()
    };
    let models = Models::from_paths(paths, &config.models.profile, hearing);
    let texting = match texting {
        Some(texting) => texting,
        None => provider(&config.texting.provider).map_err(|why| anyhow!("[texting] base_url: {why}"))?,
    };
    Ok(Setup { config, prompt, models, texting })
}

fn provider(choice: &ProviderChoice) -> Result<Provider, String> {
    Ok(match choice {
        ProviderChoice::Log => Provider::Log(LogSender),
        ProviderChoice::Twilio { sid, token, from, base_url, status_callback } => {
            Provider::Twilio(Twilio::new(TwilioAccount {
                base_url: base_url.clone(),
                account_sid: sid.reveal().clone(),
                auth_token: token.clone(),
                from: from.e164().to_owned(),
                status_callback: status_callback.clone(),
            })?)
        }
        ProviderChoice::Webhook { url, secret } => Provider::Webhook(Webhook::new(url, secret.clone())?),
    })
}

fn lines(faults: &[impl ToString]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

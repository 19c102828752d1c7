//! Files of the public model hub, over HTTP, continued where an earlier try stopped (RFC 9110, section 14).

use super::manifest::HubSource;
use super::progress::Progress;
use reqwest::{Client, Response, StatusCode, header};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::time::Duration;
use tokio::runtime::Handle;

/// The hub at one address.
#[derive(Debug)]
pub(super) struct Hub {
    address: String,
    runtime: Handle,
}

impl Hub {
    pub(super) fn new(address: &str) -> Self {
        Self { address: address.trim_end_matches('/').to_owned(), runtime: Handle::current() }
    }

    pub(super) fn download(&self, source: &HubSource, into: &Path, progress: &dyn Progress) -> Result<(), String> {
        let url = format!("{}/{}/resolve/main/{}", self.address, source.repo, source.file);
        let result = self.runtime.block_on(continue_download(&url, into, progress));
        progress.finish();
        result.map_err(|why| format!("{url}: {why}"))
    }
}

async fn continue_download(url: &str, into: &Path, progress: &dyn Progress) -> Result<(), String> {
    let part = into.with_added_extension("part");
    let have = fs::metadata(&part).map_or(0, |meta| meta.len());
    let client = Client::builder().connect_timeout(Duration::from_secs(20)).read_timeout(Duration::from_mins(1));
    let client = client.build().map_err(|why| causes(&why))?;
    let mut request = client.get(url);
    if have > 0 {
        request = request.header(header::RANGE, format!("bytes={have}-"));
    }
    let answer = request.send().await.map_err(|why| causes(&why))?;
    match answer.status() {
        StatusCode::PARTIAL_CONTENT => receive(answer, append(&part)?, have, progress).await?,
        StatusCode::OK => receive(answer, File::create(&part).map_err(|why| why.to_string())?, 0, progress).await?,
        // Nothing is left to send: the part is the whole file.
        StatusCode::RANGE_NOT_SATISFIABLE if have > 0 => {}
        status => return Err(format!("the hub answered {status}")),
    }
    fs::rename(&part, into).map_err(|why| why.to_string())
}

async fn receive(mut answer: Response, mut file: File, have: u64, progress: &dyn Progress) -> Result<(), String> {
    let left = answer.content_length();
    progress.start("hub", have + left.unwrap_or(0));
    progress.advance("", have);
    let mut received = 0;
    while let Some(chunk) = answer.chunk().await.map_err(|why| causes(&why))? {
        file.write_all(&chunk).map_err(|why| why.to_string())?;
        received += chunk.len() as u64;
        progress.advance("", chunk.len() as u64);
    }
    match left {
        Some(left) if left != received => Err(format!("it ended after {received} of {left} bytes")),
        _ => file.sync_all().map_err(|why| why.to_string()),
    }
}

fn append(part: &Path) -> Result<File, String> {
    OpenOptions::new().append(true).open(part).map_err(|why| why.to_string())
}

// reqwest's own message leaves out what really happened.
fn causes(why: &reqwest::Error) -> String {
    let mut text = why.to_string();
    let mut cause = std::error::Error::source(why);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

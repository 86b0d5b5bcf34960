//! A browser for a test, and windows with people in them. Whatever is waited for is awaited in
//! the page itself, by a `MutationObserver`.

use std::process::{Command, Stdio};
use std::time::Duration;

use fantoccini::elements::{Element, ElementRef};
use fantoccini::wd::{TimeoutConfiguration, WindowHandle};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::console;

pub const ENTER: &str = "\u{e007}";
pub const ESCAPE: &str = "\u{e00c}";
pub const DOWN: &str = "\u{e015}";
pub const UP: &str = "\u{e013}";
pub const SHIFT: &str = "\u{e008}";
pub const CONTROL: &str = "\u{e009}";
/// Lets go of Control and Shift.
pub const RELEASE: &str = "\u{e000}";
/// How often chromedriver may end before it listens.
const STARTS: usize = 5;

/// What doesn't come within this time doesn't come.
const PATIENCE: Duration = Duration::from_secs(30);
/// Browsers at once: each is several processes.
static PLACES: Semaphore = Semaphore::const_new(2);

const FLAGS: [&str; 11] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1280,900",
    "--lang=en",
];

/// Resolves with the last visible element that fits and has the text, `gone` with its absence.
const WAIT: &str = r"
    const [css, text, gone, done] = arguments;
    const look = () => [...document.querySelectorAll(css)]
        .filter((node) => node.textContent.includes(text) && node.checkVisibility()).pop() ?? null;
    const settled = () => Boolean(look()) !== gone;
    if (settled()) return done(look());
    const observer = new MutationObserver(() => {
        if (!settled()) return;
        observer.disconnect();
        done(look());
    });
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
";

/// Chromium.
pub struct Browser {
    client: Client,
    driver: Child,
    chromium: u64,
    phone: bool,
    _folder: tempfile::TempDir,
    _place: SemaphorePermit<'static>,
}

impl Drop for Browser {
    /// After a panic: chromedriver would leave its browser behind.
    fn drop(&mut self) {
        let Some(driver) = self.driver.id() else {
            return; // closed in order
        };
        let ids = [u64::from(driver), self.chromium];
        let _ = Command::new("kill")
            .args(ids.map(|id| id.to_string()))
            .status();
    }
}

impl Browser {
    /// With windows as on a desk.
    pub async fn start() -> Self {
        Self::with(json!({})).await
    }

    /// As a phone of 390 by 844.
    pub async fn phone() -> Self {
        let metrics = json!({"width": 390, "height": 844, "pixelRatio": 2, "touch": true});
        Self::with(json!({"mobileEmulation": {"deviceMetrics": metrics}})).await
    }

    async fn with(mut options: Value) -> Self {
        let phone = options.get("mobileEmulation").is_some();
        let place = PLACES.acquire().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (driver, url) = chromedriver().await;
        let mut flags: Vec<_> = FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
        flags.push(format!("--user-data-dir={}", folder.path().display()));
        options["args"] = json!(flags);
        let capabilities = json!({
            "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "SEVERE"},
        });
        let Value::Object(capabilities) = capabilities else {
            unreachable!()
        };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities);
        let client = builder.connect(&url).await.expect("Chromium must start");
        let limits = TimeoutConfiguration::new(Some(PATIENCE), Some(PATIENCE), None);
        client.update_timeouts(limits).await.unwrap();
        let id = client
            .capabilities()
            .and_then(|known| known.get("goog:processID"));
        let chromium = id
            .and_then(Value::as_u64)
            .expect("chromedriver names its browser");
        Self {
            client,
            driver,
            chromium,
            phone,
            _folder: folder,
            _place: place,
        }
    }

    /// A further window, with somebody's page in it.
    pub async fn person(&self, url: &str, name: &str) -> Window<'_> {
        let window = self.open(&format!("{url}/?as={name}")).await;
        window.sees(".me-name", name).await;
        window.sees("body[data-connection=up]", "").await;
        window
    }

    /// A further window at an address.
    pub async fn open(&self, url: &str) -> Window<'_> {
        let made = self.client.new_window(false).await.unwrap();
        let window = Window {
            browser: self,
            handle: made.handle,
        };
        let client = window.here().await;
        if !self.phone {
            client.set_window_size(1280, 900).await.unwrap();
        }
        client.goto(url).await.unwrap();
        window
    }

    /// Ends it; the page must not have complained in the console.
    pub async fn close(mut self) {
        assert_eq!(
            console::complaints(&self.client).await,
            Vec::<String>::new()
        );
        self.client.clone().close().await.unwrap();
        self.driver.kill().await.unwrap();
    }
}

/// It takes a free port of IPv4 and wants the same one of IPv6, which another may have by then: it
/// ends, and is started again.
async fn chromedriver() -> (Child, String) {
    for _ in 0..STARTS {
        if let Some(started) = started().await {
            return started;
        }
    }
    panic!("chromedriver ended {STARTS} times before it listened");
}

async fn started() -> Option<(Child, String)> {
    let mut command = tokio::process::Command::new("chromedriver");
    command.arg("--port=0").stdout(Stdio::piped());
    let mut driver = command.spawn().unwrap_or_else(|error| {
        panic!(
            "chromedriver doesn't start ({error}): these tests need the Debian packages chromium \
             and chromium-driver, which tests/all installs"
        )
    });
    let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some((_, port)) = line.split_once("started successfully on port ") {
            let port = port.trim_end_matches('.');
            return Some((driver, format!("http://127.0.0.1:{port}")));
        }
    }
    None
}

/// One window; its verbs wait until what they need is there.
pub struct Window<'a> {
    browser: &'a Browser,
    handle: WindowHandle,
}

impl Window<'_> {
    /// The client, looking at this window.
    async fn here(&self) -> &Client {
        let client = &self.browser.client;
        client.switch_to_window(self.handle.clone()).await.unwrap();
        client
    }

    async fn wait(&self, css: &str, text: &str, gone: bool) -> Option<Element> {
        loop {
            let args = vec![json!(css), json!(text), json!(gone)];
            match self.here().await.execute_async(WAIT, args).await {
                Ok(Value::Null) => return None,
                Ok(found) => {
                    let id = found.as_object().unwrap().values().next().unwrap().clone();
                    let id = ElementRef::from(id.as_str().unwrap().to_owned());
                    let client = self.browser.client.clone();
                    return Some(Element::from_element_id(client, id));
                }
                // Found, and drawn anew before it was handed over.
                Err(error) if error.is_stale_element_reference() => {}
                Err(error) => {
                    let page = self.script("return document.body.innerText", vec![]).await;
                    let what = if gone { "is still there" } else { "is missing" };
                    panic!("{css:?} with {text:?} {what} ({error}). The page:\n{page}");
                }
            }
        }
    }

    /// The last visible element that fits the selector and contains the text.
    pub async fn sees(&self, css: &str, text: &str) -> Element {
        let found = self.wait(css, text, false).await;
        found.expect("waiting ends with an element")
    }

    /// Waits until there is no such element.
    pub async fn sees_no(&self, css: &str, text: &str) {
        self.wait(css, text, true).await;
    }

    /// Its text.
    pub async fn reads(&self, css: &str, text: &str) -> String {
        self.sees(css, text).await.text().await.unwrap()
    }

    /// Clicks; again where the page was drawn anew meanwhile.
    pub async fn click(&self, css: &str, text: &str) {
        for _ in 0..20 {
            let found = self.sees(css, text).await;
            if found.click().await.is_ok() {
                return;
            }
        }
        panic!("{css:?} with {text:?} can't be clicked");
    }

    /// Types into an element.
    pub async fn types(&self, css: &str, text: &str) {
        self.sees(css, "").await.send_keys(text).await.unwrap();
    }

    /// Types to whatever has the focus.
    pub async fn presses(&self, keys: &str) {
        let focused = self.here().await.active_element().await.unwrap();
        focused.send_keys(keys).await.unwrap();
    }

    /// Writes into the channel and sends.
    pub async fn says(&self, text: &str) {
        self.types("#composer-text", &format!("{text}{ENTER}"))
            .await;
    }

    /// Waits until the window has this title.
    pub async fn is_titled(&self, title: &str) {
        let script = format!(
            "const [done] = arguments; (function look() {{ \
             if (document.title === {title:?}) done(document.title); \
             else setTimeout(look, 20); }})()"
        );
        assert_eq!(self.script_async(&script).await, title);
    }

    /// Loads the page again, with somebody in it.
    pub async fn reload(&self) {
        self.here().await.refresh().await.unwrap();
        self.sees("body[data-connection=up]", "").await;
    }

    /// Goes back as by the browser's button.
    pub async fn back(&self) {
        self.here().await.back().await.unwrap();
    }

    /// What a script gives to the function that it gets.
    pub async fn script_async(&self, script: &str) -> Value {
        let told = self.here().await.execute_async(script, vec![]).await;
        told.unwrap()
    }

    /// What a script returns.
    pub async fn script(&self, script: &str, args: Vec<Value>) -> Value {
        self.here().await.execute(script, args).await.unwrap()
    }
}

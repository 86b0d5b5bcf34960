//! The sandbox's page in a real browser: Chromium, driven through WebDriver.
//!
//! Needs the Debian packages `chromium` and `chromium-driver`; `tests/all` installs them.

mod driver; // chromedriver and what a window shows
mod desk; // REST and an integration of the tests' own
mod chat; // two people in two windows
mod cards; // buttons, menus, the wire
mod forms; // dialogs
mod lost; // a connection lost and regained
mod keys; // the keyboard, and a phone
mod safety; // text from people

//! The sandbox's page in a real browser: Chromium, driven through WebDriver.
//!
//! Needs the Debian packages `chromium` and `chromium-driver`; `tests/all` installs them.

mod driver; // chromedriver and what a window shows
mod console; // what the page complains about
mod desk; // REST and an integration of the tests' own
mod chat; // two people in two windows
mod cards; // buttons and menus
mod wire; // why a button did nothing
mod forms; // dialogs
mod lost; // a connection lost and regained
mod keys; // the keyboard, and a phone
mod place; // where one is: addresses, drafts, older posts, teams
mod look; // light and dark, directions, pictures
mod safety; // text from people

//! A pretend Mattermost: a pure world behind a thin shell.

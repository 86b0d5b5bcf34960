//! The only way to Mattermost: REST and WebSocket behind one seam.

//! The integration tests, one binary.

mod layering; // the map of modules is true
mod architecture; // its page, the README's picture and the page of messages are true
mod golden; // recordings against the wire's types
mod chat; // what those with the bot begin with
mod kit; // what the kit for tests promises
mod polls;
mod doors;
mod threshold; // the doors without sockets
mod proofs; // commands without a token
mod crowd; // connections of who has proved nothing
mod refusals;
mod returns; // who is turned away there
mod program; // the binary, as a process
mod starting; // what it says when it cannot start
mod stopping; // how it starts and stops
mod alarms; // what isn't right is told where alerts look
mod faults;
mod pages; // a proxy answers in the place of Mattermost
mod conversations;
mod wording; // what people type, and what they read of it
mod misbehaviour;
mod places; // the bot loses a channel, or may not write to a person
mod stranded; // cards there
mod alone; // one post that is never taken, while others are
mod lengths; // posts and titles as long as the server takes them
mod poster; // what others change, delete or forbid
mod anew; // cards that are posted anew
mod boxes; // what must be seen after a click
mod unsaid; // what nothing came of after all
mod whispers; // what only one person reads, where no answer can say it
mod without_account; // posts leave as answers, or not at all
mod guard;
mod docs; // what the documents say is there
mod simulation; // the whole bot in virtual time, with random faults
mod mutations; // what undoes a mend fits the source
mod browser; // the page in a real browser

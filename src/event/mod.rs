//! What the wire means to us, as plain data: events, places, slots, effects, cards, answers.

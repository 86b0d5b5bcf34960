// The WebSocket: authenticated by a challenge, pinged, and opened again when it is lost.

const PING_MS = 30_000;
const PATIENCE_MS = 10_000;
const WAITS_MS = [300, 700, 1_500, 3_000, 5_000];

export class Socket {
  /** `heard` gets every event, `changed` "up" or "lost". */
  constructor(token, heard, changed) {
    Object.assign(this, { token, heard, changed, seq: 1, tries: 0, closed: false });
    this.waiting = new Map();
    window.addEventListener('online', () => this.hurry());
    this.open();
  }

  open() {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}/api/v4/websocket`);
    this.socket = socket;
    this.expected = 0;
    socket.onopen = () => {
      this.seq = 1;
      this.send('authentication_challenge', { token: this.token });
    };
    socket.onmessage = (message) => this.take(JSON.parse(message.data));
    socket.onclose = () => this.lost(socket);
  }

  take(frame) {
    if (frame.seq_reply !== undefined) {
      clearTimeout(this.waiting.get(frame.seq_reply));
      this.waiting.delete(frame.seq_reply);
      return;
    }
    if (frame.event === 'hello') {
      this.tries = 0;
      this.changed('up');
      clearInterval(this.pinging);
      this.pinging = setInterval(() => this.ping(), PING_MS);
    } else if (frame.seq !== this.expected) {
      // Something was missed: a new connection starts from a fresh look at everything.
      this.socket.close();
      return;
    }
    this.expected = frame.seq + 1;
    this.heard(frame);
  }

  lost(socket) {
    if (socket !== this.socket || this.closed) return;
    clearInterval(this.pinging);
    for (const timer of this.waiting.values()) clearTimeout(timer);
    this.waiting.clear();
    this.changed('lost');
    const wait = WAITS_MS[Math.min(this.tries, WAITS_MS.length - 1)];
    this.tries += 1;
    this.timer = setTimeout(() => this.open(), wait);
  }

  /** Tries again at once. */
  hurry() {
    if (this.closed || this.socket.readyState <= WebSocket.OPEN) return;
    clearTimeout(this.timer);
    this.open();
  }

  ping() {
    const seq = this.send('ping', {});
    this.waiting.set(seq, setTimeout(() => this.socket.close(), PATIENCE_MS));
  }

  /** Sends an action; nothing happens while there is no connection. */
  send(action, data) {
    const seq = this.seq;
    if (this.socket.readyState === WebSocket.OPEN) {
      this.seq += 1;
      this.socket.send(JSON.stringify({ seq, action, data }));
    }
    return seq;
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket.close();
  }
}

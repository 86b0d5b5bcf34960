// Mattermost's own client for JavaScript: logs in, posts, listens, as a person and as a bot.
//
// Usage: client.js ADDRESS

const {Client4, WebSocketClient} = require('@mattermost/client');
const {WebSocket} = require('ws');

const PATIENCE = 20000;
const address = process.argv[2];

// The client writes its own remarks there.
console.log = () => {};
globalThis.WebSocket ??= WebSocket;

function client() {
    const made = new Client4();
    made.setUrl(address);
    return made;
}

async function person(name) {
    const made = client();
    const profile = await made.login(name, `${name}-Passw0rd`);
    check(profile.username === name, `${name} is ${profile.username}`);
    check(made.getToken(), `no token for ${name}`);
    return made;
}

function check(fact, words) {
    if (!fact) {
        throw new Error(words);
    }
}

// Opens a WebSocket, acts once it is greeted, and waits for a post with this text.
function listens(token, text, act) {
    const socket = new WebSocketClient({newWebSocketFn: (url) => new WebSocket(url)});
    return new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`nobody heard "${text}"`)), PATIENCE);
        const events = [];
        socket.addErrorListener(reject);
        socket.addMissedMessageListener(() => reject(new Error('missed events')));
        socket.addMessageListener((message) => {
            events.push(message.event);
            if (message.event === 'hello') {
                act().catch(reject);
            }
            if (message.event === 'posted' && JSON.parse(message.data.post).message === text) {
                clearTimeout(late);
                socket.close();
                resolve(events);
            }
        });
        socket.initialize(`${address.replace('http', 'ws')}/api/v4/websocket`, token);
    });
}

async function main() {
    const [admin, ann, ben] = await Promise.all(['admin', 'ann', 'ben'].map(person));
    const team = await admin.getTeamByName('home');
    const channel = await ann.getChannelByName(team.id, 'dev');
    const says = async (who, message) => {
        const made = await who.createPost({channel_id: channel.id, message});
        const got = await who.getPost(made.id);
        check(got.message === message, `${got.message} is not ${message}`);
        return made;
    };

    const events = await listens(ben.getToken(), 'by a client', () => says(ann, 'by a client'));
    check(events[0] === 'hello', `${events} begin without hello`);

    const bot = await admin.createBot({username: 'clerk', display_name: 'Clerk', description: ''});
    const {token} = await admin.createUserAccessToken(bot.user_id, 'drivers');
    await admin.addToTeam(team.id, bot.user_id);
    await admin.addToChannel(bot.user_id, channel.id);
    const clerk = client();
    clerk.setToken(token);
    check((await clerk.getMe()).username === 'clerk', 'the bot is not itself');
    await listens(token, 'to the bot', () => says(ann, 'to the bot'));
    const reply = await says(clerk, 'by the bot');
    await clerk.addReaction(bot.user_id, reply.id, 'thumbsup');
    await ann.patchPost({id: reply.id, message: 'not mine'}).then(
        () => check(false, 'a stranger edited the post'),
        (error) => check(error.status_code === 403, `${error.status_code} is not 403`),
    );
    process.stdout.write('@mattermost/client logged in, posted and listened\n');
}

main().then(() => process.exit(0), (error) => {
    console.error(error);
    process.exit(1);
});

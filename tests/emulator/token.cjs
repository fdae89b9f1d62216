// Mints a token, lists models and converses with the token, by the unchanged SDK; prints what it is told.
const { GoogleGenAI, Modality } = require("@google/genai");

const say = (name, value) => console.log(JSON.stringify([name, value]));

async function converse(token) {
  const ai = new GoogleGenAI({ apiKey: token, httpOptions: { apiVersion: "v1alpha" } });
  let over;
  const ended = new Promise((resolve) => (over = resolve));
  let words = "";
  const session = await ai.live.connect({
    model: "gemini-3.8-live",
    config: { responseModalities: [Modality.AUDIO] },
    callbacks: {
      onmessage: (message) => {
        words += message.text ?? "";
        if (message.serverContent?.turnComplete) session.close();
      },
      onclose: (event) => over(say("close", [event.code, String(event.reason)])),
    },
  });
  session.sendRealtimeInput({ text: "What is 6 * 7?" });
  await ended;
  say("words", words);
}

async function main() {
  const ai = new GoogleGenAI({ apiKey: "any", httpOptions: { apiVersion: "v1alpha" } });
  const names = [];
  for await (const model of await ai.models.list({ config: { pageSize: 1 } })) names.push(model.name);
  say("models", names);
  const token = await ai.authTokens.create({
    config: {
      liveConnectConstraints: { model: "gemini-2.0-flash-exp", config: { responseModalities: [Modality.TEXT] } },
    },
  });
  say("token", token.name.startsWith("auth_tokens/"));
  await converse(token.name);
}

main();

// One session by the unchanged SDK; prints all that it is told. GOOGLE_GEMINI_BASE_URL leads it.
const { GoogleGenAI, Modality } = require("@google/genai");

const say = (name, value) => console.log(JSON.stringify([name, value]));

async function main() {
  const ai = new GoogleGenAI({ apiKey: process.argv[2] });
  let over;
  const ended = new Promise((resolve) => (over = resolve));
  const session = await ai.live.connect({
    model: "gemini-2.0-flash-exp",
    config: { responseModalities: [Modality.TEXT] },
    callbacks: {
      onmessage: (message) => {
        say("message", message);
        if (message.serverContent?.turnComplete) session.sendRealtimeInput({ text: "…".repeat(50000) });
      },
      onerror: (event) => say("error", String(event.message)),
      onclose: (event) => over(say("close", [event.code, String(event.reason)])),
    },
  });
  session.sendClientContent({ turns: [{ role: "user", parts: [{ text: "Hello" }] }] });
  await ended;
}

main();

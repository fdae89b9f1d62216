// A program of a user of @google/genai; prints what it was told. node session.cjs TEXT|AUDIO [WAV]
// GOOGLE_GEMINI_BASE_URL leads it.
const fs = require("fs");
const { GoogleGenAI, Modality } = require("@google/genai");

const MODELS = { TEXT: "gemini-2.0-flash-exp", AUDIO: "gemini-3.8-live" };
const WEATHER = {
  name: "get_weather",
  description: "The weather of a city.",
  parameters: { type: "OBJECT", properties: { city: { type: "STRING" } }, required: ["city"] },
};
const say = (name, value) => console.log(JSON.stringify([name, value]));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function open(ai, modality, more) {
  const queue = [];
  let wake = () => {};
  const session = await ai.live.connect({
    model: MODELS[modality],
    config: { responseModalities: [Modality[modality]], ...more },
    callbacks: {
      onmessage: (message) => {
        queue.push(message);
        wake();
      },
      onclose: (event) => say("close", [event.code, String(event.reason)]),
    },
  });
  const next = async () => {
    while (!queue.length) await new Promise((resolve) => (wake = resolve));
    return queue.shift();
  };
  return { session, next };
}

// To the end of the turn; stop it at once, or answer its calls until it says so.
async function turn({ session, next }, { interrupt, sky } = {}) {
  const told = { words: "", heard: "", bytes: 0, mimeTypes: new Set(), ends: [], calls: [] };
  for (;;) {
    const message = await next();
    if (message.usageMetadata) told.usage = message.usageMetadata;
    for (const call of message.toolCall?.functionCalls ?? []) {
      told.calls.push([call.name, call.args]);
      session.sendToolResponse({ functionResponses: [{ id: call.id, name: call.name, response: { sky } }] });
    }
    const content = message.serverContent ?? {};
    for (const part of content.modelTurn?.parts ?? []) {
      told.words += part.text ?? "";
      if (part.inlineData) {
        told.bytes += Buffer.from(part.inlineData.data, "base64").length;
        told.mimeTypes.add(part.inlineData.mimeType);
      }
    }
    told.words += content.outputTranscription?.text ?? "";
    told.heard += content.inputTranscription?.text ?? "";
    for (const end of ["generationComplete", "interrupted", "turnComplete"]) {
      if (content[end]) told.ends.push(end);
    }
    if (interrupt && told.words) {
      interrupt = false;
      session.sendClientContent({ turnComplete: false });
    }
    // A model may end the turn with the call, or go on talking, and answer in a later one.
    if (content.turnComplete && (!sky || told.words.includes(sky))) return told;
  }
}

async function ask(live, text, also) {
  live.session.sendClientContent({ turns: [{ role: "user", parts: [{ text }] }] });
  return await turn(live, also);
}

async function speak({ session }, path) {
  const pcm = fs.readFileSync(path).subarray(44);
  for (let at = 0; at < pcm.length; at += 1280) {
    const data = pcm.subarray(at, at + 1280).toString("base64");
    session.sendRealtimeInput({ audio: { data, mimeType: "audio/pcm;rate=16000" } });
    await sleep(20);
  }
  session.sendRealtimeInput({ audioStreamEnd: true });
}

async function main(modality, path) {
  const ai = new GoogleGenAI({ apiKey: "any" });
  const audio = modality === "AUDIO";
  const config = { tools: [{ functionDeclarations: [WEATHER] }] };
  if (audio) Object.assign(config, { inputAudioTranscription: {}, outputAudioTranscription: {}, sessionResumption: {} });
  const live = await open(ai, modality, config);
  const first = await ask(live, "My name is Ada. My number is 42.");
  say("first", [first.ends, first.usage.totalTokenCount > 0]);
  say("memory", (await ask(live, "What number did I tell you?")).words);
  const cut = await ask(live, "Tell me a very long story.", { interrupt: true });
  say("interrupted", [cut.ends, cut.words.length < 400]);
  live.session.sendRealtimeInput({ text: "What is 6 * 7?" });
  const product = await turn(live);
  say("realtime", [product.words, product.bytes > 20000, [...product.mimeTypes]]);
  if (path) {
    const [, spoken] = await Promise.all([speak(live, path), turn(live)]);
    say("spoken", [spoken.heard.trim(), spoken.words]);
  }
  const told = await ask(live, "What is the weather in Paris?", { sky: "purple" });
  say("called", told.calls);
  if (audio) {
    for (let update; !update?.newHandle; ) {
      update = (await live.next()).sessionResumptionUpdate;
      config.sessionResumption = { handle: update?.newHandle };
    }
  }
  live.session.close();
  const again = await open(ai, modality, config);
  if (!audio) {
    const turns = [["user", "My name is Ada."], ["model", "Hello Ada."]];
    again.session.sendClientContent({
      turns: turns.map(([role, text]) => ({ role, parts: [{ text }] })),
      turnComplete: false,
    });
  }
  say("history", (await ask(again, "What is my name?")).words);
  again.session.close();
}

main(...process.argv.slice(2));

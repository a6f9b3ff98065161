export default () => {
  const encoder = new TextEncoder();
  const streams = globalThis.streamsOfTheTest ??= [];
  return new ReadableStream({
    async start(controller) {
      controller.enqueue(encoder.encode("one"));
      await new Promise((resolve) => streams.push(resolve));
      controller.enqueue(encoder.encode("two"));
      controller.close();
    },
  });
};

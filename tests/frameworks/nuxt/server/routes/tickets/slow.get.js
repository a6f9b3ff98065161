export default defineEventHandler((event) => {
  setHeader(event, "content-type", "text/html");
  const encoder = new TextEncoder();
  return new ReadableStream({
    async start(controller) {
      controller.enqueue(encoder.encode("first"));
      await new Promise((resolve) => setTimeout(resolve, 1500));
      controller.enqueue(encoder.encode("late INSIDE"));
      controller.close();
    },
  });
});

// An event stream whose messages follow from the clock alone: number n happens at n × 100 ms since the epoch. Every process
// of every release sends the same ones, so a client that resumes by its last id can prove that none was lost or doubled.
const intervalMs = 100;
const maximumReplay = 6000;

export function streamEvents(request, response, url) {
  const asked = request.headers["last-event-id"] ?? url.searchParams.get("after");
  let last = Math.floor(Date.now() / intervalMs);
  if (asked !== null && /^\d+$/.test(asked)) last = Math.max(Number(asked), last - maximumReplay);

  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.write("retry: 100\n\n");
  const send = () => {
    const now = Math.floor(Date.now() / intervalMs);
    while (last < now) {
      last += 1;
      response.write(`id: ${last}\ndata: ${JSON.stringify({ number: last })}\n\n`);
    }
  };
  send();
  const timer = setInterval(send, intervalMs / 2);
  response.on("close", () => clearInterval(timer));
}

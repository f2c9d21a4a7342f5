const http = require("http");
const { Client } = require("pg");

const client = new Client({ connectionString: process.env.DATABASE_URL });
client.connect();

http
  .createServer(async (request, response) => {
    if (request.url === "/healthz") return response.end("ok");
    const { rows } = await client.query("select nextval('hits') as hits");
    response.end(`${process.env.GREETING} ${rows[0].hits}`);
  })
  .listen(process.env.PORT);

import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Context } from "../../packages/fairlead/src/kernel/index.ts";
import { type Server, startServer } from "./server.ts";

/** What a proxy is started with; `directory` is its own and empty. */
export interface ProxyRequest {
  directory: string;
  port: number;
  appPort: number;
  processes: number;
}

/** nginx with kept connections on both sides and no access log. */
export async function startNginx(context: Context, nginx: string, request: ProxyRequest): Promise<Server> {
  const file = join(request.directory, "nginx.conf");
  await writeFile(file, nginxConfig(request));
  const errorLog = join(request.directory, "error.log");
  const argv = [nginx, "-p", request.directory, "-c", file, "-e", errorLog];
  return startServer(context, { name: "nginx", argv, port: request.port });
}

// Without keepalive_requests both sides would be closed after every 1000 requests.
function nginxConfig({ directory, port, appPort, processes }: ProxyRequest): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `  ${kind}_temp_path ${join(directory, kind)};\n`)
    .join("");
  return `daemon off;
pid ${join(directory, "nginx.pid")};
worker_processes ${String(processes)};
events { worker_connections 1024; }
http {
  access_log off;
${temporary}  keepalive_requests 100000000;
  upstream application {
    server 127.0.0.1:${String(appPort)};
    keepalive 128;
    keepalive_requests 100000000;
  }
  server {
    listen 127.0.0.1:${String(port)};
    location / {
      proxy_pass http://application;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;
}

/** Caddy as it comes, with enough kept connections to the application; it uses threads, however many processes are asked for. */
export async function startCaddy(context: Context, caddy: string, request: ProxyRequest): Promise<Server> {
  const file = join(request.directory, "Caddyfile");
  await writeFile(file, caddyConfig(request));
  const argv = [caddy, "run", "--config", file, "--adapter", "caddyfile"];
  const env = {
    HOME: request.directory,
    XDG_DATA_HOME: request.directory,
    XDG_CONFIG_HOME: request.directory,
  };
  return startServer(context, { name: "Caddy", argv, port: request.port, env });
}

function caddyConfig({ port, appPort }: ProxyRequest): string {
  return `{
	admin off
	auto_https off
}
http://:${String(port)} {
	bind 127.0.0.1
	reverse_proxy 127.0.0.1:${String(appPort)} {
		transport http {
			keepalive_idle_conns_per_host 128
		}
	}
}
`;
}

/** A proxy of a few lines of node:http. */
export function startNodeProxy(context: Context, request: ProxyRequest): Promise<Server> {
  const argv = [process.execPath, join(import.meta.dirname, "proxy.mjs")];
  const env = { BENCH_APP_PORT: String(request.appPort), BENCH_PROCESSES: String(request.processes) };
  return startServer(context, { name: "the Node.js proxy", argv, port: request.port, env });
}

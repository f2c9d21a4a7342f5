import { runBenchmark } from "../run.ts";
import { benchmarkEdge } from "./benchmark.ts";

await runBenchmark((context) => benchmarkEdge(context, process.argv.slice(2)));

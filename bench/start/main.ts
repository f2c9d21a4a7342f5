import { runBenchmark } from "../run.ts";
import { benchmarkStart } from "./benchmark.ts";

await runBenchmark((context) => benchmarkStart(context, process.argv.slice(2)));

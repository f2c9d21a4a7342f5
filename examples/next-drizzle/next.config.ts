import type { NextConfig } from "next";

const config: NextConfig = {
  basePath: "/shop",
  // output: "export",
  output: "standalone",
};

export default config;

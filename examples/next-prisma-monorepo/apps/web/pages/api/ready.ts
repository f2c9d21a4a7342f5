import { prisma } from "@acme/db";
import type { NextApiRequest, NextApiResponse } from "next";

export default async function handler(_request: NextApiRequest, response: NextApiResponse) {
  await prisma.$queryRaw`select 1`;
  response.json({ ok: true, region: process.env.REGION });
}

import { Controller, Get } from "@nestjs/common";

@Controller("health")
export class HealthController {
  @Get()
  check() {
    return { status: "ok", zone: process.env.ZONE };
  }

  @Get("live")
  live() {
    return { status: "ok" };
  }
}

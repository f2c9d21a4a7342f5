import type { MigrationInterface, QueryRunner } from "typeorm";

export class Bookings1735689600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query("create table booking (id serial primary key)");
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query("drop table booking");
  }
}

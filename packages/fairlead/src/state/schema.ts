/**
 * The schema `fairlead` in every environment's database, as a list of versions; each runs once, in order.
 * It is left out of schema comparisons and never touched by an application.
 */
export const schemaVersions: readonly string[] = [
  `
  create table fairlead.identity (
    singleton boolean primary key default true check (singleton),
    application text not null,
    environment text not null,
    fence bigint not null default 0,
    created_at timestamptz not null default now()
  );
  create table fairlead.lease (
    singleton boolean primary key default true check (singleton),
    token bigint not null default 0,
    holder jsonb,
    acquired_at timestamptz,
    heartbeat_at timestamptz
  );
  insert into fairlead.lease default values;
  create table fairlead.plans (
    id text primary key,
    kind text not null,
    digest text not null,
    state text not null,
    holder jsonb not null,
    plan jsonb not null,
    report jsonb,
    created_at timestamptz not null default now(),
    finished_at timestamptz
  );
  create index plans_created on fairlead.plans (created_at desc);
  create table fairlead.journal (
    id bigint generated always as identity primary key,
    plan_id text not null,
    at timestamptz not null default now(),
    token bigint,
    step text not null,
    phase text not null,
    detail jsonb not null default '{}'
  );
  create index journal_plan on fairlead.journal (plan_id, id);
  create table fairlead.approvals (
    id bigint generated always as identity primary key,
    plan_digest text not null,
    approved_by text not null,
    approved_at timestamptz not null default now(),
    used_by text
  );
  create table fairlead.releases (
    id text primary key,
    version text not null,
    sha text,
    digest text not null,
    deployment_id text not null,
    migrations jsonb not null default '[]',
    active_since timestamptz not null default now()
  );
  create table fairlead.freeze (
    id bigint generated always as identity primary key,
    reason text not null,
    frozen_by text not null,
    frozen_at timestamptz not null default now(),
    until timestamptz,
    thawed_at timestamptz
  );
  `,
];

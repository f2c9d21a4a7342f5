/** Schemas of an application: not Postgres' own, not ours. */
const schemaIsOurs =
  "(n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'fairlead', 'fairlead_scratch'))";

/**
 * Queries over the Postgres catalogue (PostgreSQL documentation, chapter "System Catalogs"; 12 and newer).
 * Each gives `line`, what one object is, and `owner`, the table it belongs to (`schema.table`), if any; a
 * schema owns itself. Members of extensions are left out, as they come with the extension.
 */
export const catalogQueries: readonly string[] = [
  `select format('schema %I', n.nspname) as line, n.nspname as owner
     from pg_namespace n
    where SCHEMA_IS_OURS and n.nspname <> 'public' and NOT_OF_EXTENSION(n.oid, pg_namespace)`,

  `select format('extension %I in %I version %s', e.extname, n.nspname, e.extversion) as line, null as owner
     from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname <> 'plpgsql'`,

  `select format('%s %I.%I%s%s%s%s', case c.relkind when 'r' then 'table' when 'p' then 'partitioned table'
            when 'f' then 'foreign table' else 'composite type' end, n.nspname, c.relname,
            case c.relpersistence when 'u' then ' unlogged' else '' end,
            case when c.relrowsecurity then ' row security' else '' end,
            case when c.relforcerowsecurity then ' forced' else '' end,
            case when c.relispartition then ' partition ' || pg_get_expr(c.relpartbound, c.oid)
                 when c.relkind = 'p' then ' by ' || pg_get_partkeydef(c.oid) else '' end) as line,
          n.nspname || '.' || c.relname as owner
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'f', 'c') and SCHEMA_IS_OURS and NOT_OF_EXTENSION(c.oid, pg_class)`,

  `select format('column %I.%I.%I %s%s%s%s%s', n.nspname, c.relname, a.attname,
            format_type(a.atttypid, a.atttypmod),
            case when a.attnotnull then ' not null' else '' end,
            case when a.attgenerated <> '' then ' generated ' || pg_get_expr(d.adbin, d.adrelid)
                 when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid) else '' end,
            case a.attidentity when 'a' then ' identity always' when 'd' then ' identity' else '' end,
            case when a.attcollation <> t.typcollation then ' collate ' || a.attcollation::regcollation::text
                 else '' end) as line,
          n.nspname || '.' || c.relname as owner
     from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
     join pg_type t on t.oid = a.atttypid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relkind in ('r', 'p', 'f', 'c') and a.attnum > 0 and not a.attisdropped
      and SCHEMA_IS_OURS and NOT_OF_EXTENSION(c.oid, pg_class)`,

  // A not-null constraint has a name of its own from 18 on; the column says already that it is there.
  `select format('constraint %I on %s %s%s', k.conname,
            coalesce(nullif(k.conrelid, 0)::regclass::text, k.contypid::regtype::text),
            pg_get_constraintdef(k.oid),
            case when k.convalidated then '' else ' unvalidated' end) as line,
          (select tn.nspname || '.' || t.relname
             from pg_class t join pg_namespace tn on tn.oid = t.relnamespace
            where t.oid = k.conrelid) as owner
     from pg_constraint k join pg_namespace n on n.oid = k.connamespace
    where SCHEMA_IS_OURS and k.contype <> 'n' and NOT_OF_EXTENSION(k.oid, pg_constraint)
      and NOT_OF_EXTENSION(k.conrelid, pg_class)`,

  `select format('index %s%s', pg_get_indexdef(i.indexrelid),
            case when i.indisvalid then '' else ' invalid' end) as line,
          n.nspname || '.' || c.relname as owner
     from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'm') and SCHEMA_IS_OURS and NOT_OF_EXTENSION(c.oid, pg_class)`,

  `select format('%s %I.%I %s', case c.relkind when 'v' then 'view' else 'materialized view' end,
            n.nspname, c.relname, pg_get_viewdef(c.oid)) as line, null as owner
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('v', 'm') and SCHEMA_IS_OURS and NOT_OF_EXTENSION(c.oid, pg_class)`,

  `select format('sequence %I.%I %s from %s by %s between %s and %s%s', n.nspname, c.relname,
            format_type(s.seqtypid, null), s.seqstart, s.seqincrement, s.seqmin, s.seqmax,
            case when s.seqcycle then ' cycle' else '' end) as line,
          (select tn.nspname || '.' || t.relname from pg_depend d join pg_class t on t.oid = d.refobjid
             join pg_namespace tn on tn.oid = t.relnamespace
            where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refobjsubid > 0
              and d.deptype in ('a', 'i') limit 1) as owner
     from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
    where SCHEMA_IS_OURS and NOT_OF_EXTENSION(c.oid, pg_class)`,

  `select case when p.prokind = 'a'
            then format('aggregate %I.%I(%s)', n.nspname, p.proname,
                   pg_get_function_identity_arguments(p.oid))
            else 'function ' || pg_get_functiondef(p.oid) end as line, null as owner
     from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where SCHEMA_IS_OURS and NOT_OF_EXTENSION(p.oid, pg_proc)`,

  `select format('trigger %s enabled %s', pg_get_triggerdef(t.oid), t.tgenabled) as line,
          n.nspname || '.' || c.relname as owner
     from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
    where not t.tgisinternal and SCHEMA_IS_OURS and NOT_OF_EXTENSION(c.oid, pg_class)`,

  `select format('enum %I.%I (%s)', n.nspname, t.typname,
            (select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
               from pg_enum e where e.enumtypid = t.oid)) as line, null as owner
     from pg_type t join pg_namespace n on n.oid = t.typnamespace
    where t.typtype = 'e' and SCHEMA_IS_OURS and NOT_OF_EXTENSION(t.oid, pg_type)`,

  `select format('domain %I.%I %s%s%s', n.nspname, t.typname, format_type(t.typbasetype, t.typtypmod),
            case when t.typnotnull then ' not null' else '' end,
            coalesce(' default ' || t.typdefault, '')) as line,
          null as owner
     from pg_type t join pg_namespace n on n.oid = t.typnamespace
    where t.typtype = 'd' and SCHEMA_IS_OURS and NOT_OF_EXTENSION(t.oid, pg_type)`,

  `select format('policy %I on %I.%I for %s %s to %s using %s check %s', p.polname, n.nspname, c.relname,
            p.polcmd, case when p.polpermissive then 'permissive' else 'restrictive' end,
            (select string_agg(coalesce(r.rolname, 'public'), ', ' order by r.rolname)
               from unnest(p.polroles) as role left join pg_roles r on r.oid = role),
            pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) as line,
          n.nspname || '.' || c.relname as owner
     from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
    where SCHEMA_IS_OURS`,

  `select 'rule ' || pg_get_ruledef(r.oid) as line, n.nspname || '.' || c.relname as owner
     from pg_rewrite r join pg_class c on c.oid = r.ev_class join pg_namespace n on n.oid = c.relnamespace
    where r.rulename <> '_RETURN' and SCHEMA_IS_OURS and NOT_OF_EXTENSION(c.oid, pg_class)`,

  // The owner's own rights go without saying, and owners differ between environments.
  `select format('grant %s on %I.%I to %s%s', lower(g.privilege_type), n.nspname, c.relname,
            coalesce(r.rolname, 'public'),
            case when g.is_grantable then ' with grant option' else '' end) as line,
          n.nspname || '.' || c.relname as owner
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     cross join lateral aclexplode(c.relacl) g left join pg_roles r on r.oid = g.grantee
    where g.grantee <> c.relowner and SCHEMA_IS_OURS and NOT_OF_EXTENSION(c.oid, pg_class)`,
].map(catalogSql);

/** Completes a catalogue query: conditions on the schema `n`, and on members of extensions. */
export function catalogSql(sql: string): string {
  return sql
    .replaceAll("SCHEMA_IS_OURS", schemaIsOurs)
    .replaceAll(
      /NOT_OF_EXTENSION\(([\w.]+), (\w+)\)/g,
      "not exists (select from pg_depend x where x.classid = '$2'::regclass and x.objid = $1" +
        " and x.deptype = 'e')",
    );
}

exports.up = (knex) =>
  knex.schema.createTable("books", (table) => {
    table.increments();
    table.text("title").notNullable();
  });

exports.down = (knex) => knex.schema.dropTable("books");

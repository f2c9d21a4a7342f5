exports.up = async (knex) => {
  await knex.schema.createTable("authors", (table) => {
    table.increments();
    table.text("name").notNullable();
  });
  await knex.schema.alterTable("books", (table) => {
    table.integer("author_id").references("authors.id");
  });
};

exports.down = async (knex) => {
  await knex.schema.alterTable("books", (table) => table.dropColumn("author_id"));
  await knex.schema.dropTable("authors");
};

exports.seed = (knex) => knex("books").insert([{ title: "Moby Dick" }]);

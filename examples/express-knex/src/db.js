const { DB_POOL_SIZE: max = "10", SESSION_SECRET } = process.env;

module.exports = require("knex")({ ...require("../db/knexfile"), pool: { max: Number(max) } });
module.exports.secret = SESSION_SECRET;

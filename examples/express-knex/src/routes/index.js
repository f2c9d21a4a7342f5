const { Router } = require("express");
const health = require("./health");
const books = require("./books");

const router = Router();
router.use("/books", books);
router.use("/internal", health);

module.exports = router;

const { Router } = require("express");
const axios = require("axios");
const db = require("../db");

const router = Router();
router.get("/", async (request, response) => response.json(await db("books")));
router.get("/covers", async (request, response) => {
  await axios.get("/health");
  response.json({ from: process.env["COVERS_URL"] });
});

module.exports = router;

const { Router } = require("express");

const router = Router();
// router.get("/ping", …) was removed
router.get("/health", (request, response) => response.json({ ok: true }));

module.exports = router;

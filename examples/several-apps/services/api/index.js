const app = require("express")();
app.get("/health", (request, response) => response.send("ok"));
app.listen(process.env.PORT);

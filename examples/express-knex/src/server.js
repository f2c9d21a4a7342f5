const express = require("express");
const api = require("./routes");

const app = express();
app.use(express.json());
app.use("/api", api);

app.listen(process.env.PORT || 8080, () => console.log("listening"));

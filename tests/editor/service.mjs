// What an editor shows for a JSON document under a schema, by VS Code's own JSON language service.
//
// Standard input:  {"schema": {…}, "text": "…", "offset": 12}
// Standard output: {"diagnostics": ["…"], "completions": {"label": "documentation"}, "hover": "…"}

import { readFileSync } from "node:fs";
import languageService from "vscode-json-languageservice";

const { getLanguageService, ClientCapabilities, TextDocument } = languageService;
const { schema, text, offset } = JSON.parse(readFileSync(0, "utf8"));

const service = getLanguageService({ clientCapabilities: ClientCapabilities.LATEST });
service.configure({ validate: true, schemas: [{ uri: "test://program.schema.json", fileMatch: ["*"], schema }] });

const document = TextDocument.create("test://program.json", "json", 1, text);
const json = service.parseJSONDocument(document);
const position = document.positionAt(offset);

const diagnostics = await service.doValidation(document, json);
const completions = await service.doComplete(document, position, json);
const hover = await service.doHover(document, position, json);
const plain = (content) => (typeof content === "string" ? content : (content?.value ?? ""));

process.stdout.write(
  JSON.stringify({
    diagnostics: diagnostics.map((found) => found.message),
    completions: Object.fromEntries(completions.items.map((item) => [item.label, plain(item.documentation)])),
    hover: (hover?.contents ?? []).map(plain).join("\n"),
  }),
);

// What an editor shows for a JSON document under a schema, by VS Code's own JSON language service.
//
// Standard input:  {"schema": {…}, "text": "…", "offset": 12}
// Standard output: {"diagnostics": ["…"], "completions": {"label": "documentation"}, "hover": "…"}

import { readFileSync } from "node:fs";
import languageService from "vscode-json-languageservice";

const { getLanguageService, ClientCapabilities, TextDocument } = languageService;
const { schema, text, offset } = JSON.parse(readFileSync(0, "utf8"));

// As an editor does, it finds the schema by the document's own "$schema", beside it in the folder.
const service = getLanguageService({
  clientCapabilities: ClientCapabilities.LATEST,
  workspaceContext: { resolveRelativePath: (path, base) => new URL(path, base).href },
  schemaRequestService: async (uri) => {
    if (uri !== "file:///shop/program.schema.json") throw new Error(`there is no ${uri}`);
    return JSON.stringify(schema);
  },
});

const document = TextDocument.create("file:///shop/program.json", "json", 1, text);
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

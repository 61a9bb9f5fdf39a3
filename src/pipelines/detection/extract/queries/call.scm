; Call sites in JavaScript and TypeScript. Declaration files (.d.ts) contain none.
(call_expression) @call
(new_expression) @new
(decorator (identifier)) @decorator
(decorator (member_expression)) @decorator

; Call sites of JavaScript and TypeScript; files that only declare types have none.
(call_expression) @call
(new_expression) @new
(decorator (identifier)) @decorator
(decorator (member_expression)) @decorator

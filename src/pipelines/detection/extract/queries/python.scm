(call) @call
(function_definition) @function
(class_definition) @class
(import_statement) @import
(import_from_statement) @from
(assignment) @assignment
(for_statement left: (_) @bind)
(for_in_clause left: (_) @bind)
(as_pattern_target (_) @bind)
(named_expression name: (_) @bind)
(lambda) @lambda
(list_comprehension) @comprehension
(set_comprehension) @comprehension
(dictionary_comprehension) @comprehension
(generator_expression) @comprehension

(abstract_class_declaration) @class
(function_signature) @signature
(class_body [(abstract_method_signature) (method_signature)] @method)
(interface_body (method_signature) @method)
(object_type (method_signature) @entrymethod)
(interface_declaration) @interface
(enum_declaration) @enum
(internal_module) @namespace
(module) @namespace
(type_alias_declaration) @alias
(public_field_definition) @field
(interface_body (property_signature) @field)
(object_type (property_signature) @entryfield)
(export_statement "=" (identifier) @whole)
(import_alias) @importalias
(object_type) @object
(call_signature) @callsignature
(construct_signature) @callsignature
(index_signature) @indexsignature
(binary_expression operator: [">" ">>" ">>>"]) @comparison
(decorator (parenthesized_expression)) @decorator

"""Functions for which the user has asked for exact times, and the reasons why some are not found."""
import os


class Targets:
    def __init__(self, roots):
        """`roots` are the names of the workspace, each with a separator at its end."""
        self._roots, self._targets, self._matched, self._files = roots, [], set(), set()

    def set(self, targets):
        """Replaces the targets by those of a configuration, which may be anything."""
        targets = targets if isinstance(targets, list) else []
        self._targets = [(target['file'], target.get('line'), target.get('name')) for target in targets
                         if isinstance(target, dict) and isinstance(target.get('file'), str)]

    def match(self, definition):
        """True if the user has asked for this function."""
        matched = [target for target in self._targets if self._matches(target, definition)]
        self._matched.update(matched)
        return bool(matched)

    def add_file(self, file):
        """Called for every file of the user that is loaded."""
        self._files.add(file)

    def has_file(self, file):
        return file in self._files

    def name(self, file):
        """Returns the path of a file as the user writes it."""
        return min((file[len(root):] for root in self._roots if file.startswith(root)), key=len, default=file)

    def unmatched(self, program):
        """Returns a sentence for each target that no function of a loaded file has matched."""
        for target in self._targets:
            file, line, name = target
            if target in self._matched:
                continue
            text = '%s:%s' % (self.name(file), name or line)
            if any(os.path.join(root, file) in self._files for root in self._roots):
                yield ('No function matches %s (--exact). Check the name or the line. Generators, lambdas and functions '
                       'written in C cannot be timed.' % text)

    def _matches(self, target, definition):
        file, line, name = target
        return (any(os.path.join(root, file) == definition['file'] for root in self._roots)
                and (line is None or line == definition['line'])
                and (name is None or name == definition['name'] or name == definition['name'].rpartition('.')[2]))

<?php

/**
 * Runs the tests: php tests/run.php [part of a name ...]
 *
 * Each file of tests/unit returns its tests by their sentences. A warning is a failure.
 */

declare(strict_types=1);

require __DIR__ . '/../autoload.php';
require __DIR__ . '/assertions.php';
require __DIR__ . '/Peer.php';
require __DIR__ . '/transports.php';

error_reporting(E_ALL);
set_error_handler(static function (int $level, string $message, string $file, int $line): bool {
    // What is silenced by @ is wanted.
    if ((error_reporting() & $level) === 0) {
        return false;
    }
    throw new ErrorException($message, 0, $level, $file, $line);
});

$wanted = array_slice($argv, 1);
$passed = 0;
$failed = 0;
foreach (glob(__DIR__ . '/unit/*.php') as $file) {
    foreach (require $file as $sentence => $test) {
        $name = basename($file, '.php') . ': ' . $sentence;
        if ($wanted !== [] && array_filter($wanted, static fn (string $part) => str_contains($name, $part)) === []) {
            continue;
        }
        try {
            $test();
            $passed++;
        } catch (Throwable $error) {
            $failed++;
            echo "FAILED $name\n    ", get_debug_type($error), ': ', str_replace("\n", "\n    ", $error->getMessage()), "\n";
            echo '    ', str_replace("\n", "\n    ", $error->getTraceAsString()), "\n";
        }
    }
}
echo "$passed passed, $failed failed\n";
exit($failed === 0 && $passed > 0 ? 0 : 1);

<?php

declare(strict_types=1);

/** A server on loopback that answers what a test wants, and tells what it was asked. It ends with the test. */
final class Peer
{
    private const PATIENCE_S = 10.0;

    public readonly string $url;
    /** @var resource */
    private mixed $process;
    /** @var array<int, resource> */
    private array $pipes = [];

    /** @param string|array{string, string, string}|null ...$answers bytes, or bytes, what is done then, and with what */
    public function __construct(string|array|null ...$answers)
    {
        $command = [PHP_BINARY, __DIR__ . '/raw_server.php'];
        $this->process = proc_open($command, [['pipe', 'r'], ['pipe', 'w'], STDERR], $this->pipes);
        $told = array_map(static fn (string|array|null $answer) => match (true) {
            $answer === null => null,
            is_string($answer) => base64_encode($answer),
            default => [base64_encode($answer[0]), $answer[1], base64_encode($answer[2])],
        }, $answers);
        fwrite($this->pipes[0], json_encode($told) . "\n");
        $this->url = 'http://127.0.0.1:' . trim($this->line());
    }

    public function __destruct()
    {
        proc_terminate($this->process);
        array_map(fclose(...), $this->pipes);
        proc_close($this->process);
    }

    /** Write an answer as a server does. */
    public static function answer(int $status, string $body, string ...$headers): string
    {
        $lines = ["HTTP/1.1 $status Said", 'Content-Length: ' . strlen($body), 'Connection: close', ...$headers];
        return implode("\r\n", $lines) . "\r\n\r\n$body";
    }

    /** Send this, and end the connection with a reset. */
    public static function reset(string $bytes): array
    {
        return [$bytes, 'reset', ''];
    }

    /** Send this, and then a part again and again, a moment apart. */
    public static function drip(string $bytes, string $part): array
    {
        return [$bytes, 'drip', $part];
    }

    /** Send this, and then a part again and again, as fast as it goes. */
    public static function flood(string $bytes, string $part): array
    {
        return [$bytes, 'flood', $part];
    }

    /** Write an answer of the API. */
    public static function json(int $status, mixed $value, string ...$headers): string
    {
        $body = json_encode($value, JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR);
        return self::answer($status, $body, 'Content-Type: application/json', ...$headers);
    }

    /**
     * Make a document with all keys that any of the API's has, so that whatever was asked for finds what it needs.
     *
     * @param array<string, mixed> $said
     * @return array<string, mixed>
     */
    public static function whole(array $said): array
    {
        return $said + array_fill_keys(explode(' ', implode(' ', Offhook\Http\Documents::OF)), null);
    }

    /**
     * Return the next request, as it comes within so many seconds.
     *
     * @return array{line: string, headers: array<string, string>, body: string}
     */
    public function asked(float $patienceS = self::PATIENCE_S): array
    {
        $request = json_decode($this->line($patienceS), true);
        $headers = [];
        foreach ($request['headers'] as $line) {
            [$name, $value] = explode(': ', $line, 2) + [1 => ''];
            $headers[strtolower(rtrim($name, ':'))] = $value;
        }
        return ['headers' => $headers] + $request;
    }

    private function line(float $patienceS = self::PATIENCE_S): string
    {
        $ready = [$this->pipes[1]];
        $none = null;
        if (stream_select($ready, $none, $none, (int) $patienceS, (int) (fmod($patienceS, 1) * 1_000_000)) !== 1) {
            throw new AssertionError('the server was asked nothing more');
        }
        return (string) fgets($this->pipes[1]);
    }
}

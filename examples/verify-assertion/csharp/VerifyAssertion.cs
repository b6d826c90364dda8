// Who is it? The check that a chat server in C# makes for every request from the gateway. .NET 8.
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

var verifier = new AssertionVerifier(Setting("JWKS_URL"), Setting("ISSUER"), Setting("AUDIENCE"));
Console.OutputEncoding = new System.Text.UTF8Encoding(false);
Console.InputEncoding = new System.Text.UTF8Encoding(false);

// One request a line: {"Header-Name": ["value"], ...}. A server has an HTTP library instead.
while (Console.ReadLine() is { } line)
{
    var headers = new Dictionary<string, string[]>(
        JsonSerializer.Deserialize<Dictionary<string, string[]>>(line)!, StringComparer.OrdinalIgnoreCase);
    object answer;
    try { answer = await verifier.Identify(headers); }
    catch (Refused refused) { answer = new { ok = false, error = refused.Message }; }
    Console.WriteLine(JsonSerializer.Serialize(answer));
}

static string Setting(string name) =>
    Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set.");

/// <summary>The request must not be served as the person it speaks of.</summary>
public sealed class Refused(string code) : Exception(code);

/// <summary>One for the whole process: it keeps the keys, and asks again for a key that it does not know.</summary>
public sealed class AssertionVerifier(string jwksUrl, string issuer, string audience)
{
    private static readonly string[] Required = ["iss", "aud", "sub", "iat", "exp", "jti", "customer", "connection", "variables"];

    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false };
    private readonly HttpClient http = new(new HttpClientHandler { AllowAutoRedirect = false })
    {
        Timeout = TimeSpan.FromSeconds(5),
        MaxResponseContentBufferSize = 65536,
    };
    private readonly SemaphoreSlim reading = new(1);
    private IList<SecurityKey> keys = [];
    private DateTime askedAt = DateTime.MinValue;

    /// <summary>In ASP.NET Core, the values of a header are <c>Request.Headers[name]</c>.</summary>
    public async Task<object> Identify(IReadOnlyDictionary<string, string[]> headers)
    {
        var assertions = headers.GetValueOrDefault("X-Secure-Chat-Assertion", []);
        if (assertions.Length != 1) throw new Refused(assertions.Length == 0 ? "assertion_missing" : "assertion_refused");
        var claims = await Verify(assertions[0]);
        return new
        {
            ok = true,
            sub = claims.GetProperty("sub").GetString(),
            nickName = claims.TryGetProperty("nickName", out var nickName) ? nickName.GetString() : null,
            variables = claims.GetProperty("variables"),
            plain = new
            {
                nickName = Plain(headers, "Nickname"),
                variables = JsonSerializer.Deserialize<JsonElement>(Plain(headers, "Variables") ?? "[]"),
            },
        };
    }

    /// <summary>The claims of a good assertion.</summary>
    public async Task<JsonElement> Verify(string assertion)
    {
        if (!handler.CanReadToken(assertion)) throw new Refused("assertion_refused");
        JsonWebToken token;
        try { token = handler.ReadJsonWebToken(assertion); }
        catch (Exception) { throw new Refused("assertion_refused"); }

        var result = await handler.ValidateTokenAsync(assertion, new TokenValidationParameters
        {
            IssuerSigningKeys = await KeysFor(token.Kid),
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256], // never what the token says
            ValidTypes = ["JWT"],
            ValidIssuer = issuer,
            ValidAudience = audience,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            TryAllIssuerSigningKeys = false,
            ClockSkew = TimeSpan.FromSeconds(5), // five minutes by default
        });
        if (!result.IsValid) throw new Refused(CodeOf(result.Exception));

        var claims = JsonSerializer.Deserialize<JsonElement>(Base64UrlEncoder.DecodeBytes(token.EncodedPayload));
        if (!Required.All(name => claims.TryGetProperty(name, out _))) throw new Refused("assertion_refused");
        // the library asks neither how long a token lives nor whether it is from the future
        var issuedAt = claims.GetProperty("iat").GetInt64();
        var isShort = claims.GetProperty("exp").GetInt64() - issuedAt <= 60;
        if (!isShort || issuedAt > DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 5) throw new Refused("assertion_refused");
        return claims;
    }

    /// <summary>The keys, read again after ten minutes, and for an unknown key id after half a minute.</summary>
    private async Task<IList<SecurityKey>> KeysFor(string kid)
    {
        var isKnown = keys.Any(key => key.KeyId == kid);
        if (DateTime.UtcNow - askedAt < TimeSpan.FromSeconds(isKnown ? 600 : 30)) return keys;
        await reading.WaitAsync();
        try
        {
            if (DateTime.UtcNow - askedAt < TimeSpan.FromSeconds(30)) return keys; // another request has asked
            askedAt = DateTime.UtcNow;
            keys = new JsonWebKeySet(await http.GetStringAsync(jwksUrl)).GetSigningKeys();
        }
        catch (Exception) when (keys.Count > 0)
        {
            // the keys that are known serve until the gateway answers again
        }
        catch (Exception)
        {
            askedAt = DateTime.MinValue;
            throw new Refused("keys_unavailable");
        }
        finally
        {
            reading.Release();
        }
        return keys;
    }

    /// <summary>A plain header, decoded: UnescapeDataString, not UrlDecode, for a plus sign is a plus sign.</summary>
    private static string? Plain(IReadOnlyDictionary<string, string[]> headers, string name) =>
        headers.GetValueOrDefault($"X-Secure-Chat-{name}") is [var value] ? Uri.UnescapeDataString(value) : null;

    private static string CodeOf(Exception error) => error switch
    {
        SecurityTokenExpiredException => "assertion_expired",
        SecurityTokenInvalidAudienceException => "assertion_audience",
        SecurityTokenInvalidIssuerException => "assertion_issuer",
        _ => "assertion_refused",
    };
}
